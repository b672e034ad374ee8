// Ignores every signal that asks it to end.
for (const name of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(name, () => console.log(`${name} ignored`));
setInterval(() => undefined, 60_000);
console.log("here to stay");
