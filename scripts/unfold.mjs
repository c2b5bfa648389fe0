// What OpenAPI Generator folded: it made one space of each newline. Two spaces after a sentence are taken for an empty line, three for an indented one.
export const unfolded = (text) => text.replace(/([.:)]) {2}(?! )/g, '$1\n\n').replace(/ {3}(?=\S)/g, '\n  ');
