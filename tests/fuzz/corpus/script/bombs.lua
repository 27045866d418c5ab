scenario { title = "Bombs", duration = "1s" }
local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end
function setup(p)
    pcall(deep, 1e9) pcall(string.rep, "x", 1e9) pcall(string.find, ("a"):rep(9999), ".-.-.-.-b") pcall(table.move, {}, 1, 1e15, 2) pcall(error, {}) pcall(pcall, pcall)
    local s = "x" pcall(function() while true do s = s .. s end end)
    local t = {} pcall(function() while true do t[#t + 1] = { {} } end end)
end
