# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion for fish: the program itself knows what a word can become.

function __blackstart_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (commandline -ct)
            case :folders
                __fish_complete_directories (commandline -ct) ''
            case '*'
                echo $line
        end
    end
end
complete -c blackstart -f -a '(__blackstart_complete)'
