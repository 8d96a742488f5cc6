using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace CiliumLab.Tests.Integration;

/// <summary>The bpf() system call, for programs that are written as instructions: a compiler would be the larger part of a test.</summary>
/// <remarks>Numbers and the layout of the attributes are those of Linux' include/uapi/linux/bpf.h.</remarks>
internal static class Bpf
{
    public const int CgroupConnect4 = 10;
    public const int CgroupGetPeerName4 = 29;
    public const int TcxEgress = 47;

    private const int MapCreate = 0;
    private const int ProgramLoad = 5;
    private const int LinkCreate = 28;
    private const int HashMap = 1;
    private const int SchedulerClassifier = 3;
    private const int CgroupSocketAddress = 18;
    private const int NetworkNamespace = 0x40000000;
    private const int LogLength = 64 * 1024;
    private const int AttributesLength = 128;

    /// <summary>Makes a hash map with keys and values of 8 bytes.</summary>
    /// <exception cref="BpfException">The kernel refuses.</exception>
    public static SafeFileHandle CreateHashMap(int entries) =>
        Call(MapCreate, attributes => attributes.Int(0, HashMap).Int(4, 8).Int(8, 8).Int(12, entries));

    /// <summary>Loads a program for the addresses of sockets.</summary>
    /// <exception cref="BpfException">The kernel refuses, with what its verifier says.</exception>
    public static SafeFileHandle LoadForSockets(string name, byte[] instructions, int attachType) => Load(name, instructions, CgroupSocketAddress, attachType);

    /// <summary>Loads a program for the packets of an interface.</summary>
    /// <exception cref="BpfException">The kernel refuses, with what its verifier says.</exception>
    public static SafeFileHandle LoadForPackets(string name, byte[] instructions) => Load(name, instructions, SchedulerClassifier, 0);

    /// <summary>Attaches a program to a cgroup for as long as the handle is open.</summary>
    /// <exception cref="BpfException">The kernel refuses.</exception>
    public static SafeFileHandle Attach(SafeFileHandle program, string cgroup, int attachType)
    {
        using var directory = Opened(cgroup);
        return Call(LinkCreate, attributes => attributes.Handle(0, program).Handle(4, directory).Int(8, attachType));
    }

    /// <summary>Attaches a program to an interface for as long as the handle is open.</summary>
    /// <param name="program">The program.</param>
    /// <param name="space">The file of the network namespace in which the interface is.</param>
    /// <param name="link">The interface.</param>
    /// <param name="attachType">At which side.</param>
    /// <exception cref="BpfException">The kernel refuses.</exception>
    public static SafeFileHandle AttachToInterface(SafeFileHandle program, string space, string link, int attachType)
    {
        // The kernel looks for the interface where the calling thread is. It never comes back, so it must be nobody else's.
        var attached = new TaskCompletionSource<SafeFileHandle>();
        new Thread(() =>
        {
            try
            {
                using var file = Opened(space);
                if (SetNamespace((int)file.DangerousGetHandle(), NetworkNamespace) != 0 || InterfaceIndex(link) is not (> 0 and var index))
                    throw new BpfException($"{link} in {space}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
                attached.SetResult(Call(LinkCreate, attributes => attributes.Handle(0, program).Int(4, index).Int(8, attachType)));
            }
            catch (BpfException error)
            {
                attached.SetException(error);
            }
        }).Start();
        return attached.Task.GetAwaiter().GetResult();
    }

    private static SafeFileHandle Load(string name, byte[] instructions, int programType, int attachType)
    {
        var memory = Marshal.AllocHGlobal(instructions.Length + LogLength);
        var license = Marshal.StringToHGlobalAnsi("GPL");
        try
        {
            Marshal.Copy(instructions, 0, memory, instructions.Length);
            var log = memory + instructions.Length;
            Marshal.WriteByte(log, 0);
            try
            {
                return Call(ProgramLoad, attributes => attributes
                    .Int(0, programType).Int(4, instructions.Length / 8).Pointer(8, memory).Pointer(16, license)
                    .Int(24, 1).Int(28, LogLength).Pointer(32, log).Text(48, name).Int(68, attachType));
            }
            catch (BpfException error)
            {
                throw new BpfException($"{name}: {error.Message} {Marshal.PtrToStringAnsi(log)}");
            }
        }
        finally
        {
            Marshal.FreeHGlobal(memory);
            Marshal.FreeHGlobal(license);
        }
    }

    private static SafeFileHandle Opened(string path)
    {
        var file = new SafeFileHandle(Open(path, 0), ownsHandle: true);
        return file.IsInvalid ? throw new BpfException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}") : file;
    }

    private static SafeFileHandle Call(int command, Func<Attributes, Attributes> fill)
    {
        var result = SystemCall(Number, command, fill(new Attributes()).Bytes, AttributesLength);
        return result < 0 ? throw new BpfException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())) : new SafeFileHandle((nint)result, ownsHandle: true);
    }

    private static long Number => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 321,
        Architecture.Arm64 => 280,
        var other => throw new BpfException($"the number of bpf() on {other} is not known here"),
    };

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long SystemCall(long number, long command, byte[] attributes, long length);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Open(string path, int flags);

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(int file, int kind);

    [DllImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int InterfaceIndex(string name);

    private sealed class Attributes
    {
        public byte[] Bytes { get; } = new byte[AttributesLength];

        public Attributes Int(int at, int value) => Set(at, BitConverter.GetBytes(value));

        public Attributes Pointer(int at, nint value) => Set(at, BitConverter.GetBytes((long)value));

        public Attributes Text(int at, string value) => Set(at, Encoding.ASCII.GetBytes(value));

        public Attributes Handle(int at, SafeFileHandle value) => Int(at, (int)value.DangerousGetHandle());

        private Attributes Set(int at, byte[] value)
        {
            value.CopyTo(Bytes, at);
            return this;
        }
    }
}

/// <summary>The kernel does not take a program, a map or an attachment.</summary>
internal sealed class BpfException(string message) : Exception(message);
