/**
 * Three web servers that answer with their host name, and every way to reach them: inside the cluster, through a port of each
 * node, through a network load balancer, and by host name through an application load balancer.
 */
import { App, Deployment, Ingress, IngressClass, Service } from 'eks-drydock/manifests';

const app = new App({ labels: { 'app.kubernetes.io/part-of': 'webserver' } });
const selector = { app: 'webserver' };

new Deployment(app, 'webserver', {
  spec: {
    replicas: 3,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels: selector },
      spec: {
        containers: [
          {
            name: 'webserver',
            image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
            args: ['serve-hostname', '--port=8080'],
            ports: [{ name: 'http', containerPort: 8080 }],
            readinessProbe: { httpGet: { path: '/', port: 'http' } },
            resources: { requests: { cpu: '50m', memory: '32Mi' } },
          },
        ],
      },
    },
  },
});

const ports = [{ name: 'http', port: 80, targetPort: 'http' }];

const internal = new Service(app, 'webserver', { spec: { selector, ports } });

new Service(app, 'webserver-nodeport', { spec: { type: 'NodePort', selector, ports } });

const external = new Service(app, 'webserver-loadbalancer', {
  metadata: {
    annotations: {
      'service.beta.kubernetes.io/aws-load-balancer-type': 'external',
      'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip',
      'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing',
    },
  },
  spec: { type: 'LoadBalancer', selector, ports },
});

new IngressClass(app, 'alb', { spec: { controller: 'ingress.k8s.aws/alb' } });

new Ingress(app, 'webserver', {
  metadata: {
    annotations: {
      'alb.ingress.kubernetes.io/scheme': 'internet-facing',
      'alb.ingress.kubernetes.io/target-type': 'ip',
    },
  },
  spec: {
    ingressClassName: 'alb',
    rules: [route('hello.example.com', internal), route('world.example.com', external)],
  },
});

function route(host: string, service: Service) {
  const backend = { service: { name: service.name, port: { name: 'http' } } };
  return { host, http: { paths: [{ path: '/', pathType: 'Prefix' as const, backend }] } };
}
