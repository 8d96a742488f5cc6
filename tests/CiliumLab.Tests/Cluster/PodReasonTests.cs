using CiliumLab.Engine.Cluster.Pods;
using k8s;
using k8s.Models;

namespace CiliumLab.Tests.Cluster;

public sealed class PodReasonTests
{
    [Theory]
    [InlineData("""{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}""", null)]
    [InlineData("""{"phase":"Succeeded","containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}""", null)]
    [InlineData("""{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes are available"}]}""", "Unschedulable: 0/3 nodes are available")]
    [InlineData("""{"phase":"Pending","containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image \"x\""}}}]}""", "c: ImagePullBackOff: Back-off pulling image \"x\"")]
    [InlineData("""{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"j","state":{"terminated":{"exitCode":3,"reason":"Error"}}}]}""", "j: Error (exit code 3)")]
    [InlineData("""{"phase":"Running","containerStatuses":[{"name":"c","state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}""", "c: CrashLoopBackOff")]
    [InlineData("""{"phase":"Running","conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","message":"containers with unready status: [c]"}],"containerStatuses":[{"name":"c","state":{"running":{}}}]}""", "ContainersNotReady: containers with unready status: [c]")]
    [InlineData("""{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory."}""", "Evicted: The node was low on resource: memory.")]
    [InlineData("{}", "Pending")]
    public void The_status_says_why_a_pod_is_not_well(string status, string? reason) =>
        Assert.Equal(reason, PodReason.Of(new V1Pod { Metadata = new(), Status = KubernetesJson.Deserialize<V1PodStatus>(status) }));

    [Fact]
    public void A_pod_that_goes_away_says_so() =>
        Assert.Equal("Terminating", PodReason.Of(new V1Pod { Metadata = new() { DeletionTimestamp = new DateTime(2025, 7, 1, 0, 0, 0, DateTimeKind.Utc) } }));
}
