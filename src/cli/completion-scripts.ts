/** The shells that healq completes in. */
export const shells = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = (typeof shells)[number];

/**
 * The script that a shell reads to complete `healq`. It only asks `healq __complete`, which knows the commands, the flags and the
 * targets of the config; so it stays right when healq is upgraded.
 */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

/** Answers one per line, `WORD<Tab>WHAT IT MEANS`; the line `:files` alone means that files are wanted. */
const bash = `# healq completion for bash. Now:  source <(healq completion bash)
# For every shell: the same line in ~/.bashrc.
_healq() {
  local line current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      [[ "$current" == "=" ]] && current=
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
    fi
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]/#\\~/$HOME}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _healq healq
`;

const zsh = `#compdef healq
# healq completion for zsh. Now:  source <(healq completion zsh)
# For every shell: the same line in ~/.zshrc, after compinit.
_healq() {
  local line
  local -a found
  for line in "\${(@f)$("\${(Q)words[1]/#\\~/$HOME}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    if [[ "$line" == ":files" ]]; then
      _files
      return
    fi
    local word="\${line%%$'\\t'*}" about="\${line#*$'\\t'}"
    if [[ -z "$about" ]]; then
      found+=("\${word//:/\\\\:}")
    else
      found+=("\${word//:/\\\\:}:$about")
    fi
  done
  (( \${#found} )) && _describe 'healq' found
}
if [[ "\${funcstack[1]}" == "_healq" ]]; then
  _healq "$@"
else
  compdef _healq healq
fi
`;

const fish = `# healq completion for fish. Now:  healq completion fish | source
# For every shell:  healq completion fish > ~/.config/fish/completions/healq.fish
function __healq_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found (command $words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path "$current"
    else if test (count $found) -gt 0
        string join \\n -- $found
    end
end
complete -c healq -f -a "(__healq_complete)"
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
