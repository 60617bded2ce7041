" Colours of Ballast policies for Vim and Neovim: copy it to ~/.config/nvim/syntax/.
if exists('b:current_syntax')
  finish
endif

syntax iskeyword @,48-57,_,.,-
syntax keyword ballastForm all and any avg because case cond cooldown count def defun defvar eval every filter first fold hand-out held-for if let map max-of min-of or param set setq sort sum with else
syntax keyword ballastConstant nil Host Guests
syntax match ballastCall /[({\[]\s*\zs[A-Za-z_][A-Za-z0-9_.-]*/ contains=ballastForm
syntax match ballastNumber /\(^\|[^A-Za-z0-9_.-]\)\zs-\?\(\d*\.\)\?\d\+\([eE][+-]\?\d\+\|[A-Za-z]\+\|%\)\?/
syntax match ballastKeyword /:[A-Za-z][A-Za-z0-9-]*/
syntax match ballastPlace /{\(:[a-z0-9.]\+\)\?}/ contained
syntax region ballastText start=/"/ skip=/\\./ end=/"/ contains=ballastPlace
syntax region ballastText start=/'/ skip=/\\./ end=/'/ contains=ballastPlace
syntax match ballastComment /#.*/

highlight default link ballastForm Keyword
highlight default link ballastConstant Constant
highlight default link ballastCall Function
highlight default link ballastNumber Number
highlight default link ballastKeyword Special
highlight default link ballastPlace Special
highlight default link ballastText String
highlight default link ballastComment Comment

let b:current_syntax = 'ballast-policy'
