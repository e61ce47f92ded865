// Stands in the bundle for packages that others load at their start and use only where they are asked for what we never want.
export default {}
