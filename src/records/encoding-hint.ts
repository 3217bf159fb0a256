/** What to do about a row that is not UTF-8. */
export const encodingHint =
  'it is not valid UTF-8; convert the input first, for example with "iconv -f WINDOWS-1252 -t UTF-8"';
