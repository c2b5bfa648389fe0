import { invalid, labelSelectorError, labelValueErrors, qualifiedNameErrors, required, forbidden, type FieldError, type LabelSelector } from '../../../apimachinery'
import { validateLabels } from './object-meta'

/** Rules of an API label selector. Upstream: meta/v1/validation ValidateLabelSelector. */
export function validateLabelSelector(selector: LabelSelector | undefined | null, path: string, checkValues = true): FieldError[] {
  if (selector == null) return []
  const errors = validateLabels(selector.matchLabels, `${path}.matchLabels`)
  ;(selector.matchExpressions ?? []).forEach((e, i) => {
    const at = `${path}.matchExpressions[${i}]`
    const count = e.values?.length ?? 0
    switch (e.operator) {
      case 'In': case 'NotIn':
        if (count === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
        break
      case 'Exists': case 'DoesNotExist':
        if (count > 0) errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
        break
      default: errors.push(invalid(`${at}.operator`, e.operator ?? '', 'not a valid selector operator'))
    }
    for (const message of qualifiedNameErrors(e.key)) errors.push(invalid(`${at}.key`, e.key, message))
    if (!checkValues) return
    ;(e.values ?? []).forEach((value, j) => {
      for (const message of labelValueErrors(value)) errors.push(invalid(`${at}.values[${j}]`, value, message))
    })
  })
  return errors
}

/** Whether a selector has no condition at all. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

/** Whether a selector can be compiled. */
export function isCompilable(selector: LabelSelector): boolean {
  return labelSelectorError(selector) === undefined
}
