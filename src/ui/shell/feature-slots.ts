import { applyDialog, applyTab, editDialog, editObjectDialog } from '../features/apply'
import { mapView } from '../features/cluster-map'
import { eventsTab } from '../features/events'
import { inspectorHeader, inspectorTabs } from '../features/inspector'
import { leftOutDialog } from '../features/left-out'
import { listView } from '../features/list-view'
import { paletteTab } from '../features/palette'
import { setImageDialog } from '../features/set-image'
import { terminalTab } from '../features/terminal'
import { timelineSlot } from '../features/timeline'
import { journeyTab, loadDialog, requestsTab, sendDialog, trafficTabs } from '../features/traffic'
import type { FeatureSlots } from '../state'

/**
 * Every feature that has a place in the shell, one line each; order is order on screen. What is not listed does not
 * exist on the page: the shell draws no tab, no button and no key for it. Heavy ones are `lazily(() => import(…))`.
 */
export const featureSlots: FeatureSlots = {
  views: [mapView, listView],
  railTabs: [paletteTab],
  inspectorTabs: [...inspectorTabs, ...trafficTabs, journeyTab],
  inspectorHeader,
  dockTabs: [terminalTab, applyTab, eventsTab, requestsTab],
  timeline: timelineSlot,
  dialogs: [setImageDialog, applyDialog, editDialog, editObjectDialog, leftOutDialog, sendDialog, loadDialog],
}
