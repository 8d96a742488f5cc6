using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>
/// The user's ssh-agent as a source of keys (draft-ietf-sshm-ssh-agent): keys are listed and data is signed there, so no
/// private key comes near us.
/// </summary>
internal sealed class SshAgent : IPrivateKeySource
{
    private const byte RequestIdentities = 11;
    private const byte IdentitiesAnswer = 12;
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;
    private const int RsaSha256 = 2;
    private const int RsaSha512 = 4;

    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    private SshAgent() => HostKeyAlgorithms = [.. Identities().SelectMany(AlgorithmsOf)];

    /// <inheritdoc/>
    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; }

    /// <summary>The agent of this session; null when none runs, does not answer, or holds no key.</summary>
    public static SshAgent? Find()
    {
        try
        {
            var agent = new SshAgent();
            return agent.HostKeyAlgorithms.Count == 0 ? null : agent;
        }
        catch (Exception error) when (error is IOException or SocketException or TimeoutException or SshException or FormatException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<AgentKey> AlgorithmsOf(byte[] blob)
    {
        var type = HostKey.FromBlob(blob).Type;
        return type == "ssh-rsa"
            ? [new AgentKey("rsa-sha2-512", blob, RsaSha512), new AgentKey("rsa-sha2-256", blob, RsaSha256)]
            : [new AgentKey(type, blob, 0)];
    }

    private static List<byte[]> Identities()
    {
        var answer = Ask([RequestIdentities], IdentitiesAnswer);
        var blobs = new List<byte[]>();
        var count = answer.Count();
        for (var i = 0; i < count; i++)
        {
            blobs.Add(answer.Text());
            _ = answer.Text();
        }

        return blobs;
    }

    private static AgentMessage Ask(byte[] request, byte expected)
    {
        using var stream = Open();
        var header = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, request.Length);
        stream.Write([.. header, .. request]);
        stream.ReadExactly(header);
        var length = BinaryPrimitives.ReadInt32BigEndian(header);
        if (length is < 1 or > 256 * 1024)
            throw new SshException("The ssh-agent sent a message of an impossible length.");
        var answer = new byte[length];
        stream.ReadExactly(answer);
        return answer[0] == expected
            ? new AgentMessage(answer)
            : throw new SshException("The ssh-agent refused the request; a key may need a confirmation or a token's touch.");
    }

    private static Stream Open()
    {
        var path = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
        if (OperatingSystem.IsWindows())
        {
            var pipe = new NamedPipeClientStream(".", path?.Split('\\')[^1] ?? "openssh-ssh-agent", PipeDirection.InOut);
            pipe.Connect(500);
            return pipe;
        }

        if (string.IsNullOrEmpty(path))
            throw new IOException("SSH_AUTH_SOCK is not set.");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Signing may wait for a person to confirm; an agent that hangs must not hold a connection for ever.
            socket.ReceiveTimeout = socket.SendTimeout = (int)LongestAnswer.TotalMilliseconds;
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class AgentKey(string name, byte[] blob, int flags) : HostAlgorithm(name)
    {
        public override byte[] Data => blob;

        public override byte[] Sign(byte[] data) =>
            Ask([SignRequest, .. AgentMessage.Text(blob), .. AgentMessage.Text(data), .. AgentMessage.Count(flags)], SignResponse).Text();

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException();
    }

    /// <summary>Reads and writes the fields of the agent's protocol.</summary>
    private sealed class AgentMessage(byte[] bytes)
    {
        private int _at = 1;

        public static byte[] Text(byte[] value) => [.. Count(value.Length), .. value];

        public static byte[] Count(int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            return bytes;
        }

        public int Count()
        {
            Require(4);
            var value = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(_at));
            _at += 4;
            return value;
        }

        public byte[] Text()
        {
            var length = Count();
            Require(length);
            _at += length;
            return bytes[(_at - length).._at];
        }

        private void Require(int length)
        {
            if (length < 0 || _at + length > bytes.Length)
                throw new SshException("The ssh-agent sent a message that ends too early.");
        }
    }
}
