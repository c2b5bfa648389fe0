export { Flow, type ItemComponent, type MapItem, type MapView } from './flow'
export { useZoomPercent } from './zoom-text'
