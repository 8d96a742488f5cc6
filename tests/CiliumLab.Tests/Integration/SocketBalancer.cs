using System.Buffers.Binary;
using System.Net;
using Microsoft.Win32.SafeHandles;

namespace CiliumLab.Tests.Integration;

/// <summary>
/// A socket load balancer in the kernel, as Cilium has one: a program at connect() that puts a backend in the place of a service's address and notes
/// the socket, and one at getpeername() that puts the service's address back. It works on the processes of a cgroup until it is disposed.
/// </summary>
internal sealed class SocketBalancer : IDisposable
{
    // struct bpf_sock_addr
    private const short UserAddress = 4;
    private const short UserPort = 24;

    private const int MapLookUp = 1;
    private const int MapUpdate = 2;
    private const int Random = 7;
    private const int SocketCookie = 46;

    // Where the stack keeps the map's key, the socket's cookie, and its value, an address and a port.
    private const short Key = -8;
    private const short Value = -16;

    private readonly List<SafeFileHandle> _handles = [];

    /// <summary>Loads the programs and attaches them.</summary>
    /// <param name="cgroup">The folder of the cgroup.</param>
    /// <param name="frontend">The service's address; IPv4.</param>
    /// <param name="first">One backend.</param>
    /// <param name="second">The other.</param>
    /// <exception cref="BpfException">The kernel refuses.</exception>
    public SocketBalancer(string cgroup, IPEndPoint frontend, IPEndPoint first, IPEndPoint second)
    {
        try
        {
            var sockets = Keep(Bpf.CreateHashMap(64));
            Attach("sock4_connect", Connect(sockets, frontend, first, second), Bpf.CgroupConnect4);
            Attach("sock4_getpeer", GetPeerName(sockets), Bpf.CgroupGetPeerName4);
        }
        catch (BpfException)
        {
            Dispose();
            throw;
        }

        void Attach(string name, BpfInstructions program, int type) => Keep(Bpf.Attach(Keep(Bpf.LoadForSockets(name, program.ToArray(), type)), cgroup, type));
    }

    public void Dispose()
    {
        foreach (var handle in _handles)
            handle.Dispose();
    }

    private SafeFileHandle Keep(SafeFileHandle handle)
    {
        _handles.Add(handle);
        return handle;
    }

    private static BpfInstructions Connect(SafeFileHandle sockets, IPEndPoint frontend, IPEndPoint first, IPEndPoint second) =>
        new BpfInstructions()
            .Move(6, 1)
            .LoadWord(1, 6, UserAddress).JumpUnless(1, Address(frontend), "out")
            .LoadWord(1, 6, UserPort).JumpUnless(1, Port(frontend), "out")
            .Move(1, 6).Call(SocketCookie).StoreAllOf(10, Key, 0)
            .StoreWord(10, Value, Address(frontend)).StoreWord(10, Value + 4, Port(frontend))
            .Map(1, sockets).Move(2, 10).Add(2, Key).Move(3, 10).Add(3, Value).Set(4, 0).Call(MapUpdate)
            .Call(Random).And(0, 1)
            .Set(1, Address(first)).Set(2, Port(first)).JumpUnless(0, 0, "second").Jump("store")
            .Label("second").Set(1, Address(second)).Set(2, Port(second))
            .Label("store").StoreWordOf(6, UserAddress, 1).StoreWordOf(6, UserPort, 2)
            .Label("out").Set(0, 1).Exit();

    private static BpfInstructions GetPeerName(SafeFileHandle sockets) =>
        new BpfInstructions()
            .Move(6, 1)
            .Call(SocketCookie).StoreAllOf(10, Key, 0)
            .Map(1, sockets).Move(2, 10).Add(2, Key).Call(MapLookUp).JumpIf(0, 0, "out")
            .LoadWord(1, 0, 0).StoreWordOf(6, UserAddress, 1)
            .LoadWord(1, 0, 4).StoreWordOf(6, UserPort, 1)
            .Label("out").Set(0, 1).Exit();

    // In the order of the network, in a register of this machine's order.
    private static int Address(IPEndPoint end) => BitConverter.ToInt32(end.Address.GetAddressBytes());

    private static int Port(IPEndPoint end) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)end.Port) : end.Port;
}
