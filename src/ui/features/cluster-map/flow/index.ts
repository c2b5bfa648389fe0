export { Flow, type ItemComponent, type MapItem, type MapView } from './flow'
export { useViewport, useZoomPercent } from './zoom-text'
