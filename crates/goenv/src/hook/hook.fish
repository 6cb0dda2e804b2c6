# Before each prompt: the right Go for this folder.
function __elfin_hook --on-event fish_prompt
    if test "$__elfin_folder" = "$PWD"
        set -l changed
        set -l file
        for item in $__elfin_seen
            if test -z "$file"
                set file $item
                continue
            end
            if not test -e $file -a -e $item; or test $file -nt $item; or test $file -ot $item
                set changed 1
                break
            end
            set file
        end
        if test -z "$changed"
            for file in $__elfin_absent
                if test -e $file
                    set changed 1
                    break
                end
            end
        end
        test -n "$changed"; or return 0
    end
    set -g __elfin_folder $PWD
    ELFIN env export --hook fish | source
end
