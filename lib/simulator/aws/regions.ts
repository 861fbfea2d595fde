/**
 * Regions and their availability zones.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */

/** The short code in zone ids: `euw1-az1`. */
const SHORT_CODES: Readonly<Record<string, string>> = {
  'eu-west-1': 'euw1',
  'eu-west-2': 'euw2',
  'eu-west-3': 'euw3',
  'eu-central-1': 'euc1',
  'eu-north-1': 'eun1',
  'us-east-1': 'use1',
  'us-east-2': 'use2',
  'us-west-1': 'usw1',
  'us-west-2': 'usw2',
  'ap-southeast-1': 'apse1',
  'ap-southeast-2': 'apse2',
  'ap-northeast-1': 'apne1',
};
const ZONES: Readonly<Record<string, string>> = { 'us-east-1': 'abcdef', 'us-west-1': 'ab', 'us-west-2': 'abcd' };

export const REGIONS = Object.keys(SHORT_CODES);

export function availabilityZonesOf(region: string): string[] {
  return [...(ZONES[region] ?? 'abc')].map((letter) => `${region}${letter}`);
}

/** `eu-west-1b` -> `euw1-az2`. (In AWS the order of letters differs from account to account.) */
export function zoneIdOf(zone: string): string {
  const region = zone.slice(0, -1);
  return `${SHORT_CODES[region] ?? region}-az${zone.charCodeAt(zone.length - 1) - 96}`;
}
