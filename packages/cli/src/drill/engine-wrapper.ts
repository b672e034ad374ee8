// How a drill has engines started behind the fault proxy: its command goes to control in a variable, as JSON.

/** Set by a drill for its own copy of an app; control hands it to nobody. */
export const ENGINE_WRAPPER_VARIABLE = "FLYBALL_ENGINE_WRAPPER";
