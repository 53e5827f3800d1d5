// Exports for programs that host the viewer, such as the demo.
export { InvalidCommand, servePage, type Page, type Panel } from './serving';
export { Store } from './store';
