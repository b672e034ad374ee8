// The tool that stands for an answer's form with models that know no output format: the model is made to call it, and its arguments are
// the answer's text. The name is reserved, so that readers know the call without being told.

/** The reserved name. */
export const ANSWER_TOOL = "flyball_structured_answer";
