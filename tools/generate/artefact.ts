// A file of the tree that is made from code. Generated files are committed, so that they can be read without running anything; a test
// and `npm run generate -- --check` keep them fresh.

/** One generated file. */
export interface Artefact {
  /** Relative to the root of the repository. */
  readonly path: string;
  /** The whole content; the same for the same code. */
  render(): string;
}
