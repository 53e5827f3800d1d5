// What a program that hosts the viewer needs.
export { InvalidCommand, servePage, type Page, type Panel } from './serving';
export { Store } from './store';
