# Before each prompt: the right Go for this folder.
__elfin_hook() {
    emulate -L zsh
    local file stamp changed=
    if [[ ${__elfin_folder-} == "$PWD" ]]; then
        for file stamp in "${__elfin_seen[@]}"; do
            if [[ ! -e $file || ! -e $stamp || $file -nt $stamp || $file -ot $stamp ]]; then
                changed=1
                break
            fi
        done
        if [[ -z $changed ]]; then
            for file in "${__elfin_absent[@]}"; do
                if [[ -e $file ]]; then
                    changed=1
                    break
                fi
            done
        fi
        [[ -n $changed ]] || return 0
    fi
    typeset -g __elfin_folder=$PWD
    typeset -ga __elfin_seen __elfin_absent
    eval "$(ELFIN env export --hook zsh)"
}
typeset -ga precmd_functions
if [[ -z ${precmd_functions[(r)__elfin_hook]-} ]]; then
    precmd_functions=(__elfin_hook $precmd_functions)
fi
