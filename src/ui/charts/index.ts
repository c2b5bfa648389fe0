export { Chart, type Line, type Mark } from './chart'
