import './index.css'
import { mount } from './ui/shell'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
void mount(root)
