/** 1234567 becomes 1,234,567. */
export function formatCount(value: number): string {
  return formatDecimal(value, 3);
}

/** With more digits than these, what a sum loses would show. */
const MOST_UNITS = 1e14;

/**
 * A number in groups of three digits, with `most` decimals at most and `least` at least. Node's own takes 25 ms for the first one that
 * a process writes, since it loads what all languages want.
 */
export function formatDecimal(value: number, most: number, least = 0): string {
  const scale = 10 ** most;
  // Halves go up as people count them: 1.005 is a little less than that to the machine.
  const units = Math.round(Math.abs(value) * scale);
  if (!(units < MOST_UNITS)) {
    return value.toLocaleString('en-US', { minimumFractionDigits: least, maximumFractionDigits: most });
  }
  const [whole = '', decimals = ''] = (units / scale).toFixed(most).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  let kept = decimals.length;
  while (kept > least && decimals[kept - 1] === '0') kept -= 1;
  const sign = value < 0 && units > 0 ? '-' : '';
  return `${sign}${grouped}${kept === 0 ? '' : `.${decimals.slice(0, kept)}`}`;
}

/** Dollars with as many decimals as the amount needs to say something. */
export function formatUsd(usd: number): string {
  const decimals = usd === 0 || usd >= 1 ? 2 : usd >= 0.01 ? 4 : 6;
  return `$${formatDecimal(usd, decimals, decimals)}`;
}

/** Things a second: 6.5, 1,507. */
export function formatRate(perSecond: number): string {
  return perSecond < 100 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond));
}

/** 950 ms, 12.3 s, 4 min 05 s, 3 h 07 min. */
export function formatDuration(milliseconds: number): string {
  if (Math.round(milliseconds) < 1000) return `${Math.round(milliseconds)} ms`;
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = tenths / 10;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(Math.floor(seconds % 60))} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** What is likely to be left, in steps coarse enough to be read while it changes: 25 s, 4 min 05 s, 12 min. */
export function formatForecast(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const step = seconds < 600 ? 5 : 60;
  const text = formatDuration(Math.round(seconds / step) * step * 1000);
  return step === 60 ? text.replace(/ 00 s$/, '') : text;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
