; Colours of Ballast policies for Helix, with its grammar for Janet, whose brackets, comments, texts and names are alike:
; copy it to ~/.config/helix/runtime/queries/ballast-policy/.
(comment) @comment
(str_lit) @string
(num_lit) @constant.numeric
(kwd_lit) @string.special.symbol
(nil_lit) @constant.builtin
(sym_lit) @variable

; The unit after a number is a name of its own in the grammar.
((sym_lit) @constant.numeric
  (#match? @constant.numeric "^([KMGT]iB|bytes|us|ms|s|min|h|d|pages|%)$"))

((sym_lit) @variable.builtin
  (#match? @variable.builtin "^(Host|Guests)$"))

(par_tup_lit . (sym_lit) @function)

(par_tup_lit . (sym_lit) @keyword
  (#match? @keyword "^(all|and|any|avg|because|case|cond|cooldown|count|def|defun|defvar|eval|every|filter|first|fold|hand-out|held-for|if|let|map|max-of|min-of|or|param|set|setq|sort|sum|with)$"))
