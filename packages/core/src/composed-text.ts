// A text that control composes, apart from its language. It travels and is stored beside its English form, so that whoever reads the API
// keeps plain sentences and the command line can say the same in the reader's language.

/** A text of control's catalogue with what fills its placeholders; a value may be such a text again. */
export interface ComposedText {
  /** Of the catalogue of the control that wrote it; a reader that does not know it shows the English form. */
  readonly key: string;
  readonly values: Readonly<Record<string, string | number | ComposedText>>;
}

/** The composed forms of an object's text fields, by field. Absent in what was stored before there were any, and for people's own words. */
export interface Composed<Field extends string> {
  readonly composed?: Readonly<Partial<Record<Field, ComposedText>>>;
}
