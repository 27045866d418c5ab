# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion for bash, with the package bash-completion: the program itself knows what a word can
# become.

_blackstart() {
    local cur words cword line before
    # Readline takes = and : for ends of words, the program does not.
    _get_comp_words_by_ref -n =: cur words cword
    while IFS= read -r line; do
        case $line in
            :files) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur") &&
                compopt -o filenames ;;
            :folders) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur") &&
                compopt -o filenames ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("${words[0]}" complete -- "${words[@]:1:cword}" 2> /dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
    before=${cur%"${cur##*[=:]}"}
    if [ -n "$before" ]; then COMPREPLY=("${COMPREPLY[@]#"$before"}"); fi
}
complete -F _blackstart blackstart
