// The exports for a program that hosts the viewer, such as the demo.
export { InvalidCommand, servePage, type Page, type Panel } from './serving';
export { Store } from './store';
