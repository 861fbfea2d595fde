/** The namespace of the tour: one object of every kind that an introduction to Kubernetes shows. */
import { App, Namespace } from 'eks-drydock/manifests';

new Namespace(new App(), 'tour');
