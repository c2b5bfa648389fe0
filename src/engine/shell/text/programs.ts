import { awk } from './awk'
import { expr } from './expr'
import { filters } from './filters'
import { grep } from './grep'
import { echo, printf } from './printf'
import type { TextProgram } from './program'
import { sed } from './sed'
import { sort } from './sort'

/** Programs that make text of text, by name: the same in every shell. To add one: here, or in the file of its kind. */
export const textPrograms: Readonly<Record<string, TextProgram>> = { echo, printf, grep, egrep: grep, fgrep: grep, sed, awk, gawk: awk, sort, expr, ...filters }
