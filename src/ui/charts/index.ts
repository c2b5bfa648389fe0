export { Chart, type Band, type Line, type Mark } from './chart'
