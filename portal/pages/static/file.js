// Tells which file was chosen, in the place of the browser's own words.
"use strict";
document.addEventListener("change", (event) => {
  const told = event.target.closest(".file")?.querySelector("[data-chosen]");
  if (told && event.target.files.length) told.textContent = event.target.files[0].name;
});
