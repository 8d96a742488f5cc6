using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Api;

public class ExecTests
{
    private const string Path = "/api/v1/namespaces/default/pods/web/exec?stdout=true&stderr=true";

    [Theory]
    [InlineData("v4.channel.k8s.io")]
    [InlineData("v5.channel.k8s.io")]
    public async Task Output_error_and_exit_code_come_on_their_channels(string protocol)
    {
        await using var lab = await StartAsync();
        using var socket = await ConnectAsync(lab, $"{Path}&command=both&command=7", protocol);

        var channels = await ReadAsync(socket);

        Assert.Equal("out", channels[1]);
        Assert.Equal("err", channels[2]);
        var status = JsonNode.Parse(channels[3]);
        Assert.Equal(("Failure", "NonZeroExitCode"), (status.Text("status"), status.Text("reason")));
        Assert.Equal("command terminated with non-zero exit code: command terminated with exit code 7", status.Text("message"));
        Assert.Equal("""{"causes":[{"reason":"ExitCode","message":"7"}]}""", status.Object("details")!.ToJsonString());
    }

    [Fact]
    public async Task Input_ends_when_a_v5_client_closes_it()
    {
        await using var lab = await StartAsync();
        using var socket = await ConnectAsync(lab, $"{Path}&stdin=true&command=cat", "v5.channel.k8s.io");
        var token = TestContext.Current.CancellationToken;

        await socket.SendAsync(new byte[] { 0, (byte)'h', (byte)'i' }, WebSocketMessageType.Binary, true, token);
        await socket.SendAsync(new byte[] { 255, 0 }, WebSocketMessageType.Binary, true, token);
        var channels = await ReadAsync(socket);

        Assert.Equal("hi", channels[1]);
        Assert.Equal("Success", JsonNode.Parse(channels[3]).Text("status"));
    }

    [Fact]
    public async Task A_cut_exec_ends_without_a_status()
    {
        await using var lab = await StartAsync();
        lab.Server.Interceptor = new Cut();
        using var socket = await ConnectAsync(lab, $"{Path}&command=both&command=0", "v5.channel.k8s.io");

        await Assert.ThrowsAnyAsync<WebSocketException>(() => ReadAsync(socket));
    }

    [Fact]
    public async Task What_is_no_websocket_is_refused_with_a_status()
    {
        await using var lab = await StartAsync();

        var plain = await lab.SendAsync("GET", $"{Path}&command=ls");
        var container = await lab.SendAsync("GET", $"{Path}&command=ls&container=other");

        Assert.Equal((400, "Upgrade request required"), (plain.Code, plain.Body.Text("message")));
        Assert.Equal((400, "container other is not valid for pod web"), (container.Code, container.Body.Text("message")));
    }

    [Fact]
    public async Task Logs_are_cut_timed_and_followed()
    {
        await using var lab = await StartAsync();
        lab.Server.Logs = new Lines(lab.Clock.GetUtcNow());

        var tail = await lab.SendAsync("GET", "/api/v1/namespaces/default/pods/web/log?tailLines=1");
        var since = await lab.SendAsync("GET", "/api/v1/namespaces/default/pods/web/log?sinceSeconds=15&timestamps=true");
        var follow = await lab.SendAsync("GET", "/api/v1/namespaces/default/pods/web/log?follow=true&tailLines=1");

        Assert.Equal("three\n", tail.Body.Text("text"));
        Assert.Equal("2025-07-19T11:59:50.000000000Z two\n2025-07-19T12:00:00.000000000Z three\n", since.Body.Text("text"));
        Assert.Equal("three\nfour\n", follow.Body.Text("text"));
    }

    private static async Task<ApiLab> StartAsync()
    {
        var lab = await ApiLab.StartAsync();
        lab.Server.Executor = new Commands();
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("web", node: "k8s-w1"));
        return lab;
    }

    private static async Task<ClientWebSocket> ConnectAsync(ApiLab lab, string path, string protocol)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        socket.Options.SetRequestHeader("Authorization", "Bearer " + lab.Server.Authentication.IssueToken("tester", RoleBasedAccess.Masters));
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => lab.Trusts(certificate as System.Security.Cryptography.X509Certificates.X509Certificate2);
        await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{lab.Server.Address.Port}{path}"), TestContext.Current.CancellationToken);
        Assert.Equal(protocol, socket.SubProtocol);
        return socket;
    }

    private static async Task<Dictionary<int, string>> ReadAsync(ClientWebSocket socket)
    {
        var channels = new Dictionary<int, string>();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                break;
            channels[buffer[0]] = channels.GetValueOrDefault(buffer[0], "") + Encoding.UTF8.GetString(buffer, 1, part.Count - 1);
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken);
        return channels;
    }

    private sealed class Commands : IPodExecutor
    {
        public async Task<int> RunAsync(PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken)
        {
            if (request.Command[0] == "cat")
            {
                await streams.Input.CopyToAsync(streams.Output, cancellationToken);
                return 0;
            }
            await streams.Output.WriteAsync("out"u8.ToArray(), cancellationToken);
            await streams.Error.WriteAsync("err"u8.ToArray(), cancellationToken);
            return int.Parse(request.Command[1], null);
        }
    }

    private sealed class Lines(DateTimeOffset now) : IPodLogSource
    {
        public async IAsyncEnumerable<PodLogLine> ReadAsync(PodLogRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new(now.AddSeconds(-20), "one");
            yield return new(now.AddSeconds(-10), "two");
            yield return new(now, "three");
            await Task.Yield();
            if (request.Follow)
                yield return new(now.AddSeconds(1), "four");
        }
    }

    private sealed class Cut : IApiInterceptor
    {
        public ApiFault? Before(ApiCall call) => new() { CutExecAfter = 2 };
    }
}
