export { Transport, TransportBar } from './transport'
export { Clocks } from './clocks'
