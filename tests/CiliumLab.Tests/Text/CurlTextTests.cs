using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class CurlTextTests
{
    [Fact]
    public void An_answer_of_a_whoami_server_says_who_gave_it()
    {
        var body = Fixture.Read("transcript/071-kubectl-exec-it-curl-pod-curl-webpod.txt");

        var answer = CurlText.Parse(0, body + "\n200 10.96.33.91 0.001634\n", "");

        Assert.Equal((PodConnectivityFailure.None, 200, "10.96.33.91", "webpod-697b545f57-67wlk"), (answer.FailureKind, answer.Status, answer.Address!.ToString(), answer.Hostname));
        Assert.Equal(1.634, answer.Latency!.Value.TotalMilliseconds, 3);
    }

    [Theory]
    [InlineData(6, "curl: (6) Could not resolve host: nobody.example", PodConnectivityFailure.NameNotResolved, "Could not resolve host: nobody.example")]
    [InlineData(28, "curl: (28) Resolving timed out after 3002 milliseconds", PodConnectivityFailure.NameNotResolved, "Resolving timed out after 3002 milliseconds")]
    [InlineData(28, "curl: (28) Connection timed out after 3001 milliseconds", PodConnectivityFailure.TimedOut, "Connection timed out after 3001 milliseconds")]
    [InlineData(7, "* connect to 10.244.1.2 port 81 from 10.244.0.4 port 45012 failed: Connection refused\ncurl: (7) Failed to connect to 10.244.1.2 port 81 after 0 ms: Could not connect to server", PodConnectivityFailure.Refused, "Failed to connect to 10.244.1.2 port 81 after 0 ms: Could not connect to server")]
    [InlineData(7, "* connect to 10.244.1.250 port 80 from 10.244.0.4 port 45012 failed: Host is unreachable\ncurl: (7) Failed to connect to 10.244.1.250 port 80 after 3070 ms: Could not connect to server", PodConnectivityFailure.NoRoute, "Failed to connect to 10.244.1.250 port 80 after 3070 ms: Could not connect to server")]
    [InlineData(52, "* Empty reply from server\ncurl: (52) Empty reply from server", PodConnectivityFailure.Other, "Empty reply from server")]
    [InlineData(56, "", PodConnectivityFailure.Other, "curl ended with exit code 56")]
    public void A_failure_is_told_apart_and_quoted(int exitCode, string error, PodConnectivityFailure kind, string words)
    {
        var answer = CurlText.Parse(exitCode, "", error);

        Assert.Equal((kind, words, null), (answer.FailureKind, answer.Failure, answer.Status));
    }

    [Fact]
    public void A_status_that_is_an_error_is_a_failure()
    {
        var answer = CurlText.Parse(0, "not found\n404 10.96.33.91 0.002\n", "");

        Assert.Equal((PodConnectivityFailure.HttpStatus, "HTTP status 404", 404, null), (answer.FailureKind, answer.Failure, answer.Status, answer.Hostname));
    }
}
