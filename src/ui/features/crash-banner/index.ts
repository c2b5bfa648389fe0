export { CrashBanner } from './crash-banner'
