using Microsoft.Win32.SafeHandles;

namespace CiliumLab.Tests.Integration;

/// <summary>A program in the kernel through which the IPv4 packets that leave by an interface go (tcx), until it is disposed.</summary>
internal sealed class PacketProgram : IDisposable
{
    // struct __sk_buff
    private const short Protocol = 16;

    // ETH_P_IP in the order of the network
    private static readonly int IPv4 = BitConverter.IsLittleEndian ? 0x0008 : 0x0800;

    private readonly SafeFileHandle _program;
    private readonly SafeFileHandle _link;

    private PacketProgram(Verdict verdict, string space, string link)
    {
        _program = Bpf.LoadForPackets("to_container", new BpfInstructions()
            .LoadWord(2, 1, Protocol).Set(0, (int)Verdict.Next).JumpUnless(2, IPv4, "out").Set(0, (int)verdict)
            .Label("out").Exit().ToArray());
        try
        {
            _link = Bpf.AttachToInterface(_program, space, link, Bpf.TcxEgress);
        }
        catch (BpfException)
        {
            _program.Dispose();
            throw;
        }
    }

    // enum tcx_action_base
    private enum Verdict
    {
        Next = -1,
        Drop = 2,
    }

    /// <summary>One that looks at packets and lets them go.</summary>
    /// <param name="space">The file of the network namespace in which the interface is.</param>
    /// <param name="link">The interface.</param>
    /// <exception cref="BpfException">The kernel refuses.</exception>
    public static PacketProgram Watching(string space, string link) => new(Verdict.Next, space, link);

    /// <summary>One that drops packets.</summary>
    /// <param name="space">The file of the network namespace in which the interface is.</param>
    /// <param name="link">The interface.</param>
    /// <exception cref="BpfException">The kernel refuses.</exception>
    public static PacketProgram Dropping(string space, string link) => new(Verdict.Drop, space, link);

    public void Dispose()
    {
        _link.Dispose();
        _program.Dispose();
    }
}
