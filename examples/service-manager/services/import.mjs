// A service that cannot work: it ends with code 1 half a second after each start. healq gives it up, and says why.
setTimeout(() => {
  console.error("import: there is no database");
  process.exit(1);
}, 500);
