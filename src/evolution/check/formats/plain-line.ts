import { visibleText } from './visible-text.ts';

/**
 * A line for a terminal or a log. Names of properties come from definitions and from stored data: line ends and control
 * characters in them could pass for commands of a terminal or of a CI runner.
 */
export function plainLine(text: string): string {
  return visibleText(text);
}
