// SPDX-License-Identifier: GPL-2.0-only
/* /dev/hotsoak: checks what comes from user space and hands it on. */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "hotsoak.h"

static DEFINE_MUTEX(hs_ioctl_mutex);	/* one ioctl at a time, and its state */
static atomic_t hs_controllers = ATOMIC_INIT(0);

union hs_argument {
	u32 size;
	struct hotsoak_info info;
	struct hotsoak_arm arm;
	struct hotsoak_fill fill;
	struct hotsoak_hold hold;
	struct hotsoak_heal heal;
	struct hotsoak_stats stats;
	struct hotsoak_snapshot snapshot;
	struct hotsoak_acr acr;
};

/* Not allocated, so that DISARM and RELEASE never fail for want of memory. */
static union hs_argument hs_argument;	/* under hs_ioctl_mutex */

static int hs_ioctl_info(union hs_argument *a)
{
	struct hotsoak_info *info = &a->info;

	if (hs_armed.on)
		hs_hooks_look();
	memset(info, 0, sizeof(*info));
	info->abi = HOTSOAK_ABI;
	info->flags = (hs_is_guest() ? HOTSOAK_INFO_GUEST : 0) |
		      (hs_armed.on ? HOTSOAK_INFO_ARMED : 0) |
		      (hs_hook_error(HS_PCP_IS_LOCAL ? HOTSOAK_HOOK_FREE_COMMIT :
				     HOTSOAK_HOOK_TRYLOCK) ? 0 : HOTSOAK_INFO_WIDEN) |
		      (hs_in_doubt() ? HOTSOAK_INFO_DOUBT : 0);
	info->nr_hooks = HOTSOAK_NR_HOOKS;
	info->invariants_usable = hs_invariants_usable();
	info->invariants_promised = hs_invariants_promised();
	info->invariants_armed = READ_ONCE(hs_armed.invariants);
	info->page_size = PAGE_SIZE;
	info->pageblock_pages = pageblock_nr_pages;
	hs_hook_info(info->hooks);
	return 0;
}

static int hs_ioctl_arm(union hs_argument *a)
{
	return hs_arm(&a->arm);
}

static int hs_ioctl_disarm(union hs_argument *a)
{
	hs_disarm();
	return 0;
}

static int hs_ioctl_fill(union hs_argument *a)
{
	return hs_armed.on ? hs_burst_fill(&a->fill) : -ENOTCONN;
}

static int hs_ioctl_drop(union hs_argument *a)
{
	if (hs_armed.on)
		hs_burst_drop();
	return 0;
}

static int hs_ioctl_hold(union hs_argument *a)
{
	return hs_hold(&a->hold);
}

static int hs_ioctl_release(union hs_argument *a)
{
	hs_release();
	return 0;
}

static int hs_ioctl_heal(union hs_argument *a)
{
	return hs_heal(&a->heal);
}

static int hs_ioctl_stats(union hs_argument *a)
{
	memset(&a->stats, 0, sizeof(a->stats));
	hs_invariant_stats(&a->stats);
	hs_notifier_stats(&a->stats);
	a->stats.burst_held = hs_burst_held();
	return 0;
}

static int hs_ioctl_snapshot(union hs_argument *a)
{
	return hs_snapshot(&a->snapshot);
}

static int hs_ioctl_contig_race(union hs_argument *a)
{
	return hs_armed.on ? hs_contig_race(&a->acr) : -ENOTCONN;
}

static const struct hs_ioctl {
	unsigned int cmd;
	size_t bytes;		/* of the argument; 0: none */
	bool out;		/* copied back */
	int (*call)(union hs_argument *a);
	void (*undo)(void);	/* when the answer cannot be given; NULL: nothing to undo */
} hs_ioctls[] = {
	{ HOTSOAK_IOC_INFO, sizeof(struct hotsoak_info), true, hs_ioctl_info },
	{ HOTSOAK_IOC_ARM, sizeof(struct hotsoak_arm), false, hs_ioctl_arm },
	{ HOTSOAK_IOC_DISARM, 0, false, hs_ioctl_disarm },
	{ HOTSOAK_IOC_BURST_FILL, sizeof(struct hotsoak_fill), true, hs_ioctl_fill,
	  hs_burst_drop },
	{ HOTSOAK_IOC_BURST_DROP, 0, false, hs_ioctl_drop },
	{ HOTSOAK_IOC_HOLD, sizeof(struct hotsoak_hold), true, hs_ioctl_hold, hs_release },
	{ HOTSOAK_IOC_RELEASE, 0, false, hs_ioctl_release },
	{ HOTSOAK_IOC_STATS, sizeof(struct hotsoak_stats), true, hs_ioctl_stats },
	{ HOTSOAK_IOC_SNAPSHOT, sizeof(struct hotsoak_snapshot), true, hs_ioctl_snapshot },
	{ HOTSOAK_IOC_CONTIG_RACE, sizeof(struct hotsoak_acr), true, hs_ioctl_contig_race },
	{ HOTSOAK_IOC_HEAL, sizeof(struct hotsoak_heal), false, hs_ioctl_heal },
};

static long hs_ioctl_run(const struct hs_ioctl *io, void __user *arg)
{
	union hs_argument *a = &hs_argument;
	u32 size = 0;
	int err;

	if (io->bytes) {
		if (!IS_ALIGNED((unsigned long)arg, sizeof(u64)))
			return -EINVAL;
		if (get_user(size, (u32 __user *)arg))
			return -EFAULT;
		/* Every struct is in its first version: none may be shorter. */
		if (size < io->bytes)
			return -EINVAL;
		if (size > PAGE_SIZE)
			return -E2BIG;
	}
	err = io->bytes ? copy_struct_from_user(a, io->bytes, arg, size) : 0;
	if (!err)
		err = io->call(a);
	if (!err && io->out) {
		a->size = size;
		if (copy_to_user(arg, a, io->bytes)) {
			err = -EFAULT;
			if (io->undo)
				io->undo();
		}
	}
	return err;
}

static long hs_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long err;
	int i;

	for (i = 0; i < ARRAY_SIZE(hs_ioctls); i++) {
		if (hs_ioctls[i].cmd != cmd)
			continue;
		if (mutex_lock_interruptible(&hs_ioctl_mutex))
			return -ERESTARTSYS;
		err = hs_ioctl_run(&hs_ioctls[i], (void __user *)arg);
		mutex_unlock(&hs_ioctl_mutex);
		return err;
	}
	return -ENOTTY;
}

static int hs_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (atomic_cmpxchg(&hs_controllers, 0, 1))
		return -EBUSY;
	return stream_open(inode, file);
}

static int hs_close(struct inode *inode, struct file *file)
{
	mutex_lock(&hs_ioctl_mutex);
	hs_disarm();
	mutex_unlock(&hs_ioctl_mutex);
	atomic_set(&hs_controllers, 0);
	return 0;
}

static ssize_t hs_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	ssize_t n;
	int err;

	if (len < sizeof(struct hotsoak_event))
		return -EINVAL;
	do {
		n = hs_report_read(buf, len);
		if (n || file->f_flags & O_NONBLOCK)
			return n ?: -EAGAIN;
		err = wait_event_interruptible(*hs_report_waitqueue(), hs_report_pending());
	} while (!err);
	return err;
}

static __poll_t hs_poll(struct file *file, struct poll_table_struct *table)
{
	poll_wait(file, hs_report_waitqueue(), table);
	return hs_report_pending() ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations hs_fops = {
	.owner = THIS_MODULE,
	.open = hs_open,
	.release = hs_close,
	.read = hs_read,
	.poll = hs_poll,
	.unlocked_ioctl = hs_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice hs_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hotsoak",
	.fops = &hs_fops,
	.mode = 0600,
};

int hs_chardev_register(void)
{
	return misc_register(&hs_misc);
}

void hs_chardev_deregister(void)
{
	misc_deregister(&hs_misc);
}
