using System.Globalization;

namespace CiliumLab.Tests.Simulator.Datapath;

public class StraceTests
{
    [Fact]
    public async Task The_calls_of_curl_name_the_service_and_count_as_they_are_listed()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var (output, error, code) = await lab.Test.ExecAsync("curl-pod", "strace", "-e", "trace=connect", "curl", "-s", "webpod");
        Assert.Equal(0, code);
        Assert.StartsWith("Hostname: webpod-", output, StringComparison.Ordinal);
        Assert.Equal(
            """
            connect(4, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.96.0.10")}, 16) = 0
            connect(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.96.33.91")}, 16) = 0
            connect(4, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.96.33.91")}, 16) = -1 EINPROGRESS (Operation in progress)
            +++ exited with 0 +++

            """,
            error);
        var summary = (await lab.Test.ExecAsync("curl-pod", "strace", "-c", "curl", "-s", "webpod")).Error;
        var row = Assert.Single(summary.Split('\n'), static line => line.EndsWith(" connect", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((3, 1), (int.Parse(row[3], CultureInfo.InvariantCulture), int.Parse(row[4], CultureInfo.InvariantCulture)));
        var failed = await lab.Test.ExecAsync("curl-pod", "strace", "-e", "trace=connect", "curl", "-s", "nobody");
        Assert.Equal(6, failed.Code);
        Assert.EndsWith("+++ exited with 6 +++\n", failed.Error, StringComparison.Ordinal);
    }
}
