export { Toasts, undoLatest } from './toasts'
