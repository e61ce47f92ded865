// Stands in the bundle for packages that others load at their start and that nothing here ever uses (bundle.mjs).
export default class Unused {
  constructor() {
    throw new Error('this package is not in the bundle')
  }
}

export class CacheError extends Unused {}
