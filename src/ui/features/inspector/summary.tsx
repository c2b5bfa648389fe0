import { useKubeloop } from '../../state'
import { Button } from '../../kit'
import { ClusterSummary } from './cluster-summary'
import { ComponentSummary, MemberSummary } from './component-summary'
import { NodeSummary } from './node-summary'
import { ObjectSummary, ServiceSummary, StepSummary } from './object-summary'
import { Body } from './parts'
import { PodSummary } from './pod-summary'
import { useSubject } from './subject'
import { WorkloadSummary } from './workload-summary'

/** What there is to know at a glance about the selected thing. */
export function Summary() {
  const subject = useSubject()
  switch (subject?.kind) {
    case undefined:
      return <ClusterSummary />
    case 'pod':
      return <PodSummary row={subject.row} />
    case 'node':
      return <NodeSummary row={subject.row} />
    case 'workload':
      return <WorkloadSummary row={subject.row} />
    case 'service':
      return <ServiceSummary row={subject.row} />
    case 'object':
      return <ObjectSummary row={subject.row} />
    case 'component':
      return <ComponentSummary row={subject.row} />
    case 'member':
      return <MemberSummary row={subject.row} />
    case 'step':
      return <StepSummary row={subject.row} />
    case 'gone':
      return <Gone />
  }
}

function Gone() {
  const { select } = useKubeloop()
  return (
    <Body>
      <p className="mb-3 text-12 text-text2">It was deleted, or does not exist yet at this moment. Step back to see it.</p>
      <Button onClick={() => select(null)}>Show the cluster</Button>
    </Body>
  )
}
