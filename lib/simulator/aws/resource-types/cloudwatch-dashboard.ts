/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { cloudWatchOf, findDashboard, putDashboard } from '../cloudwatch/service';

export const dashboard: ResourceType = {
  typeName: 'AWS::CloudWatch::Dashboard',
  create: ({ DashboardName, DashboardBody }, request) =>
    putDashboard(request, String(DashboardName ?? request.generatedName(255)), String(DashboardBody)).DashboardName,
  update: (name, { DashboardBody }, request) => {
    putDashboard(request, name, String(DashboardBody));
  },
  delete: (name, request) => {
    cloudWatchOf(request).dashboards.delete(findDashboard(request, name).DashboardName);
  },
  read: (name, request) => ({ DashboardBody: findDashboard(request, name).DashboardBody }),
};
