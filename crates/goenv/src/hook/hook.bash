# Before each prompt: the right Go for this folder.
__elfin_hook() {
    local status=$? i file
    if [[ ${__elfin_folder-} == "$PWD" ]]; then
        local changed=
        for ((i = 0; i < ${#__elfin_seen[@]}; i += 2)); do
            if [[ ! -e ${__elfin_seen[i]} || ! -e ${__elfin_seen[i + 1]} ||
                ${__elfin_seen[i]} -nt ${__elfin_seen[i + 1]} ||
                ${__elfin_seen[i]} -ot ${__elfin_seen[i + 1]} ]]; then
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
        [[ -n $changed ]] || return $status
    fi
    __elfin_folder=$PWD
    eval "$(ELFIN env export --hook bash)"
    return $status
}
if [[ ";${PROMPT_COMMAND[*]-};" != *__elfin_hook* ]]; then
    if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == "declare -a"* ]]; then
        PROMPT_COMMAND=(__elfin_hook "${PROMPT_COMMAND[@]}")
    else
        PROMPT_COMMAND="__elfin_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
    fi
fi
