import { MINUTE, SECOND, type Micros } from '../../sim'

/** Flags and gates of the autoscaler. Upstream: pkg/controller/podautoscaler/config/v1alpha1/defaults.go */
export interface HpaSettings {
  /** Relative distance from the target that is no reason to scale. */
  readonly tolerance: number
  /** CPU samples of a pod this young count only when it is ready. */
  readonly cpuInitialization: Micros
  /** A pod that turned unready this soon after its start has never been ready. */
  readonly initialReadinessDelay: Micros
  readonly downscaleStabilization: Micros
  /** Without `behavior`, replicas grow at most by this factor at a time … */
  readonly scaleUpFactor: number
  /** … or to this many. */
  readonly scaleUpMinimum: number
  /** Gate HPAScaleToZero. */
  readonly scaleToZero: boolean
  /** Gate HPAConfigurableTolerance. */
  readonly configurableTolerance: boolean
}

/** What v1.36 runs with. */
export const defaultSettings: HpaSettings = {
  tolerance: 0.1, cpuInitialization: 5 * MINUTE, initialReadinessDelay: 30 * SECOND, downscaleStabilization: 5 * MINUTE,
  scaleUpFactor: 2, scaleUpMinimum: 4, scaleToZero: false, configurableTolerance: true,
}
