/** Times on the wire: RFC 3339 with seconds (metav1.Time) or microseconds (MicroTime). Units: µs since 1970. */
export { formatMicroTime, formatTime, parseTime } from '../sim'
